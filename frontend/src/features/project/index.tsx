export { ProjectPage } from "./pages/ProjectPage";
