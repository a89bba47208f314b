"""Directives of Storage and File Daemon (bareos.md §5.8); see ``schema.compile_table``."""

from __future__ import annotations

from auditor.config.tables_common import COMMON, MESSAGES, TLS

STORAGE_DAEMON = {
    "Director": COMMON
    + TLS
    + """
    password: +Password!
    clear: KeyEncryptionKey
    boolean: +Monitor
    speed: MaximumBandwidthPerJob
    """,
    "Ndmp": COMMON
    + """
    text: Username
    clear: Password
    word: AuthType
    number: LogLevel
    """,
    "Storage": COMMON
    + TLS
    + """
    port: +Port=SdPort +NdmpPort
    address: +Address=SdAddress +SourceAddress=SdSourceAddress +NdmpAddress
    addresses: +Addresses=SdAddresses +NdmpAddresses
    text: WorkingDirectory PluginDirectory ScriptsDirectory VerId SecureEraseCommand
      LogTimestampFormat
    texts: BackendDirectory
    boolean: +NdmpEnable +EnableKtls JustInTimeReservation AllowBandwidthBursting NdmpSnooping
      AutoXFlateOnReplication ~CollectDeviceStatistics ~CollectJobStatistics
      DeviceReserveByMediaType FileDeviceConcurrentRead
    texts: PluginNames
    number: +~MaximumConcurrentJobs MaximumNetworkBufferSize NdmpLogLevel AbsoluteJobTimeout
      ~StatisticsCollectInterval
    reference Messages: Messages
    time: +SdConnectTimeout +FdConnectTimeout +HeartbeatInterval +ClientConnectWait
      CheckpointInterval
    speed: MaximumBandwidthPerJob
    """,
    "Device": COMMON
    + """
    word: MediaType ArchiveDevice DiagnosticDevice AccessMode ChangerDevice ChangerCommand
      AlertCommand MountPoint MountCommand UnmountCommand ~LabelType AutoDeflate
      AutoDeflateAlgorithm AutoInflate
    text: DeviceType DeviceOptions SpoolDirectory
    boolean: HardwareEndOfFile HardwareEndOfMedium BackwardSpaceRecord BackwardSpaceFile
      BsfAtEom TwoEof ForwardSpaceRecord ForwardSpaceFile FastForwardSpaceFile RemovableMedia
      RandomAccess AutomaticMount LabelMedia AlwaysOpen Autochanger CloseOnPoll
      BlockPositioning UseMtiocget ~CheckLabels RequiresMount OfflineOnUnmount BlockChecksum
      AutoSelect NoRewindOnClose DriveTapeAlertEnabled DriveCryptoEnabled QueryCryptoStatus
      CollectStatistics EofOnErrorIsEot
    time: MaximumChangerWait MaximumOpenWait VolumePollInterval MaximumRewindWait
    number: MaximumOpenVolumes ~MaximumNetworkBufferSize LabelBlockSize MinimumBlockSize
      MaximumConcurrentJobs DriveIndex AutoDeflateLevel Count
    size: MaximumBlockSize MaximumFileSize VolumeCapacity MaximumSpoolSize MaximumJobSpoolSize
    """,
    "Autochanger": COMMON
    + """
    references Device: Device
    word: ChangerDevice ChangerCommand
    """,
    "Messages": MESSAGES,
}

FILE_DAEMON = {
    "Director": COMMON
    + TLS
    + """
    password: +Password!
    text: +Address AllowedScriptDir
    number: +Port
    boolean: +ConnectionFromDirectorToClient +ConnectionFromClientToDirector +Monitor
    speed: MaximumBandwidthPerJob
    texts: AllowedJobCommand
    """,
    "Client": COMMON
    + TLS
    + """
    port: +Port=FdPort
    address: +Address=FdAddress +SourceAddress=FdSourceAddress
    addresses: +Addresses=FdAddresses
    text: WorkingDirectory PluginDirectory ScriptsDirectory PkiKeyPair PkiSigner PkiMasterKey
      VerId AllowedScriptDir SecureEraseCommand LogTimestampFormat GrpcModule
    texts: PluginNames
    number: +~MaximumConcurrentJobs MaximumWorkersPerJob MaximumNetworkBufferSize
      AbsoluteJobTimeout LmdbThreshold
    reference Messages: Messages
    time: +SdConnectTimeout +HeartbeatInterval
    boolean: +EnableKtls PkiSignatures PkiEncryption AllowBandwidthBursting ~AlwaysUseLmdb
    word: PkiCipher
    speed: MaximumBandwidthPerJob
    texts: AllowedJobCommand
    """,
    "Messages": MESSAGES,
}
