export { PublishedPage } from "./pages/PublishedPage";
