export { TaskForcePage } from "./pages/TaskForcePage";
export { TaskForcesPage } from "./pages/TaskForcesPage";
