export { DrillPage } from "./pages/DrillPage";
