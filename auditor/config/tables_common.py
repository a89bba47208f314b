"""Directive tables that several programs share; the language is in ``schema.compile_table``."""

from __future__ import annotations

#: Of every resource.
COMMON = """
    name: +Name!
    text: Description
    """

#: Of every resource that carries TLS (bareos.md §5.8).
TLS = """
    boolean: +~TlsAuthenticate +TlsEnable +TlsRequire +TlsVerifyPeer
    text: +TlsCipherList +TlsCipherSuites +TlsDhFile +TlsProtocol +TlsCaCertificateFile
      +TlsCaCertificateDir +TlsCertificateRevocationList +TlsCertificate +TlsKey
    texts: +TlsAllowedCn
    """

#: Messages reach mail and log files only, never a numbered connection (bareos.md §5.6).
MESSAGES = (
    COMMON
    + """
    text: MailCommand OperatorCommand TimestampFormat
    rest: Syslog Mail MailOnError MailOnSuccess File Append Stdout Stderr Director Console
      Operator Catalog
    """
)

#: Access lists of a Director's Profile, Console and User.
ACCESS = """
    texts: JobAcl ClientAcl StorageAcl ScheduleAcl PoolAcl CommandAcl FileSetAcl CatalogAcl
      WhereAcl PluginOptionsAcl
    """
