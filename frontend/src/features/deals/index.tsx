export { DealsPage } from "./pages/DealsPage";
