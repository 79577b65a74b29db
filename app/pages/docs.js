"use strict";

/* «Try it out» goes by the session of this browser; a write carries its CSRF token. */
(async () => {
  const answer = await fetch("/api/v1/session");
  const token = answer.ok ? (await answer.json()).csrf_token : "";
  window.SwaggerUIBundle({
    url: "/api/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    persistAuthorization: false,
    requestInterceptor: (request) => {
      if (token && request.method && request.method !== "GET") {
        request.headers["X-CSRF-Token"] = token;
      }
      return request;
    },
  });
})();
