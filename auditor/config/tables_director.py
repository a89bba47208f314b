"""The Director's directives (bareos.md §5.8); the language is in ``schema.compile_table``."""

from __future__ import annotations

from auditor.config.tables_common import ACCESS, COMMON, MESSAGES, TLS

_JOB = (
    COMMON
    + """
    keyword JobType: +Type
    keyword JobProtocol: +Protocol
    text: BackupFormat Where RegexWhere StripPrefix AddPrefix AddSuffix Bootstrap
      WriteBootstrap RunBeforeJob RunAfterJob RunAfterFailedJob ClientRunBeforeJob
      ClientRunAfterJob SelectionPattern
    keyword Level: +Level
    reference Messages: Messages
    references Storage: +Storage
    reference Pool: +Pool +FullBackupPool +VirtualFullBackupPool +IncrementalBackupPool
      +DifferentialBackupPool +NextPool
    reference Client: +Client
    reference FileSet: FileSet
    reference Schedule: +Schedule
    reference Job: JobToVerify=VerifyJob
    reference Catalog: +Catalog
    reference JobDefs: +JobDefs
    texts: Run FdPluginOptions SdPluginOptions DirPluginOptions
    word: Replace SelectionType
    speed: MaximumBandwidth
    time: +RunOnIncomingConnectInterval MaxRunSchedTime MaxRunTime FullMaxRuntime
      IncrementalMaxRuntime DifferentialMaxRuntime MaxWaitTime MaxStartDelay MaxFullInterval
      MaxVirtualFullInterval MaxDiffInterval RescheduleInterval AlwaysIncrementalJobRetention
      AlwaysIncrementalMaxFullAge
    boolean: +Enabled PrefixLinks PruneJobs PruneFiles PruneVolumes PurgeMigrationJob
      SpoolAttributes SpoolData RerunFailedLevels PreferMountedVolumes RescheduleOnError
      AllowMixedPriority Accurate AllowDuplicateJobs ~AllowHigherDuplicates
      CancelLowerLevelDuplicates CancelQueuedDuplicates CancelRunningDuplicates
      SaveFileHistory AlwaysIncremental
    size: SpoolSize FileHistorySize
    number: MaximumConcurrentJobs RescheduleTimes Priority MaxConcurrentCopies
      AlwaysIncrementalKeepNumber MaxFullConsolidations
    block: RunScript
    """
)

DIRECTOR = {
    "Director": COMMON
    + TLS
    + """
    reference Messages: Messages
    port: +Port=DirPort
    address: +Address=DirAddress +SourceAddress=DirSourceAddress
    addresses: +Addresses=DirAddresses
    text: QueryFile WorkingDirectory PluginDirectory ScriptsDirectory VerId SecureEraseCommand
      LogTimestampFormat
    texts: PluginNames
    number: +MaximumConcurrentJobs +MaximumConsoleConnections +~StatisticsCollectInterval
      Subscriptions NdmpLogLevel AbsoluteJobTimeout
    password: +Password!
    clear: KeyEncryptionKey
    time: +FdConnectTimeout +SdConnectTimeout +HeartbeatInterval ~StatisticsRetention
    boolean: +EnableKtls NdmpSnooping NdmpNamelistFhinfoSetZeroForInvalidUquad Auditing
    texts: AuditEvents
    """,
    "Client": COMMON
    + TLS
    + """
    keyword DaemonProtocol: +Protocol
    word: AuthType
    text: +Address=FdAddress! +LanAddress Username
    number: +Port=FdPort +MaximumConcurrentJobs NdmpLogLevel
    password: +Password=FdPassword!
    reference Catalog: Catalog
    boolean: +Passive +ConnectionFromDirectorToClient +ConnectionFromClientToDirector +Enabled
      StrictQuotas QuotaIncludeFailedJobs ~AutoPrune NdmpUseLmdb
    size: HardQuota SoftQuota NdmpBlockSize
    time: +HeartbeatInterval SoftQuotaGracePeriod ~FileRetention ~JobRetention
    speed: MaximumBandwidthPerJob
    """,
    "JobDefs": _JOB,
    "Job": _JOB,
    "Storage": COMMON
    + TLS
    + """
    keyword DaemonProtocol: +Protocol
    names: +Device
    word: AuthType MediaType NdmpChangerDevice
    text: +Address=SdAddress! +LanAddress Username
    number: +Port=SdPort +MaximumConcurrentJobs MaximumConcurrentReadJobs
    password: +Password=SdPassword!
    boolean: +AutoChanger +Enabled AllowCompression ~CollectStatistics
    time: +HeartbeatInterval CacheStatusInterval
    reference Storage: +PairedStorage
    speed: MaximumBandwidthPerJob
    """,
    "Catalog": COMMON
    + """
    text: +DbAddress=Address +DbUser=User! +DbName! +DbSocket=Socket
    number: +DbPort=Port MinConnections MaxConnections IncConnections IdleTimeout
      ValidateTimeout
    clear: +DbPassword=Password
    boolean: ~MultipleConnections ~DisableBatchInsert Reconnect ExitOnFatal
    """,
    "Schedule": COMMON
    + """
    run: +Run
    boolean: +Enabled
    """,
    "FileSet": COMMON
    + """
    block: Include Exclude
    boolean: IgnoreFileSetChanges EnableVSS
    """,
    "Pool": COMMON
    + """
    word: PoolType LabelFormat ~LabelType CleaningPrefix ActionOnPurge
    boolean: UseCatalog PurgeOldestVolume RecycleOldestVolume RecycleCurrentVolume
      CatalogFiles AutoPrune Recycle
    number: MaximumVolumes MaximumVolumeJobs MaximumVolumeFiles
    size: MaximumVolumeBytes MigrationHighBytes MigrationLowBytes MinimumBlockSize
      MaximumBlockSize
    time: VolumeRetention VolumeUseDuration MigrationTime ~FileRetention ~JobRetention
    reference Pool: +NextPool RecyclePool ScratchPool
    references Storage: +Storage
    reference Catalog: Catalog
    """,
    "Counter": COMMON
    + """
    number: Minimum Maximum
    reference Counter: WrapCounter
    reference Catalog: Catalog
    """,
    "Profile": COMMON + ACCESS,
    "Console": COMMON
    + TLS
    + ACCESS
    + """
    password: +Password!
    references Profile: +Profile
    boolean: +UsePamAuthentication
    """,
    "User": COMMON
    + ACCESS
    + """
    references Profile: Profile
    """,
    "Messages": MESSAGES,
}

#: The words that a keyword directive takes, by the target its table names.
KEYWORDS = {
    "DaemonProtocol": ("Native", "NDMPv2", "NDMPv3", "NDMPv4"),
    "JobProtocol": ("Native", "NDMP", "NDMP_BAREOS", "NDMP_NATIVE"),
    "JobType": (
        "Backup",
        "Restore",
        "Verify",
        "Admin",
        "Archive",
        "Copy",
        "Migrate",
        "Consolidate",
    ),
    "Level": (
        "Full",
        "Incremental",
        "Differential",
        "VirtualFull",
        "Base",
        "Since",
        "Catalog",
        "InitCatalog",
        "VolumeToCatalog",
        "DiskToCatalog",
        "Data",
        " ",
    ),
}
