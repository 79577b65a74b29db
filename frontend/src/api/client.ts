/** What the application uses of the service: calls, and the same operations as queries. Sign-in uses the calls alone. */
import createReactClient from "openapi-react-query";
import { api } from "./calls";

export * from "./calls";

/** The same operations as queries: `queries.useQuery("get", path, {params})`. */
export const queries = createReactClient(api);
