// Same-origin requests with JSON, and one error that carries the status.

import { _ } from "./words.js";

export class ApiError extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export async function request(method, path, body, { keepalive = false } = {}) {
  const response = await fetch(path, {
    method,
    keepalive,
    credentials: "same-origin",
    headers: {
      accept: "application/json",
      "segue-page": "yes", // errors come in the language of the page
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new ApiError(response.status, problem.detail || _("The server answered %(status)s.", { status: response.status }));
  }
  return response.status === 204 ? null : response.json();
}

export const getJson = (path) => request("GET", path);
