export { MilestonesPage } from "./pages/MilestonesPage";
export { WorkbenchPage } from "./pages/WorkbenchPage";
