"""What can go wrong with a dataset."""


class DatasetError(Exception):
    """A dataset can't be read, fetched or made; the text says what to do."""


class RegistryError(DatasetError, ValueError):
    """The registry file has a mistake."""


class UnreachableError(DatasetError, ConnectionError):
    """No mirror gave a whole file."""


class UnsafeArchiveError(DatasetError, ValueError):
    """An archive holds something that doesn't belong in a dataset."""


class RefusedError(DatasetError, PermissionError):
    """Real data would have been replaced, or the folder can't be written."""
