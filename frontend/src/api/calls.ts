/** The one way to the service: typed from its OpenAPI document, with language, CSRF token and problem documents handled
 * once. */
import createClient, { type Middleware } from "openapi-fetch";
import { Offline, problemOf } from "./problems";
import type { components, paths } from "./schema.gen";

export type Schemas = components["schemas"];

let csrfToken = "";
let language = "zh-CN";

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Sets the language of answers: problem documents come in it. */
export function setLanguage(code: string): void {
  language = code;
}

const handled: Middleware = {
  onRequest({ request }) {
    request.headers.set("Accept-Language", language);
    if (request.method !== "GET") request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
  },
  onError({ error }) {
    return error instanceof DOMException ? error : new Offline();
  },
};

/** Calls of single operations. They throw `Problem` where the service refuses, `Offline` where it is not reached. */
export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin" });
api.use(handled);

/** Returns the header that says which version of a record was read. */
export function ifMatch(version: number): { "if-match": string } {
  return { "if-match": `"${version}"` };
}

/** Returns the answer of a call that has one. */
export async function answerOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  if (data === undefined) throw new Error("the answer is empty");
  return data;
}
