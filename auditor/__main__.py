"""``python -m auditor`` is ``bareos-audit``."""

from auditor.cli.main import main

if __name__ == "__main__":
    main()
