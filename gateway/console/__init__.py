"""What a person sees in a browser: the API and the events to browse, and the page to sign an agreement on."""
