export { LeadsPage } from "./pages/LeadsPage";
export { LeadPage } from "./pages/LeadPage";
