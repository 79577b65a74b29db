export { LedgerPage } from "./pages/LedgerPage";
