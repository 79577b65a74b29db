export { CockpitPage } from "./pages/CockpitPage";
