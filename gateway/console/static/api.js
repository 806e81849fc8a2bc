"use strict";

// validatorUrl: null, or the page would send our document to a validator elsewhere.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#api", validatorUrl: null, deepLinking: true, docExpansion: "list" });
