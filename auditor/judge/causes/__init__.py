"""Why a connection failed, as far as the configuration tells."""
