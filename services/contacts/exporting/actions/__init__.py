"""Starting an export, and writing its file part by part."""
