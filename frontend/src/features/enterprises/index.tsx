export { EnterprisePage } from "./pages/EnterprisePage";
export { EnterprisesPage } from "./pages/EnterprisesPage";
