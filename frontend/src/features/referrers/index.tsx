export { ReferrerPage } from "./ReferrerPage";
export { ReferrersPage } from "./ReferrersPage";
