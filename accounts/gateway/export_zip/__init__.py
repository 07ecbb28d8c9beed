"""Instagram's own export ("Download your information"), read without trusting it."""

from accounts.gateway.export_zip.reader import Export, ExportPart, read_export

__all__ = ["Export", "ExportPart", "read_export"]
