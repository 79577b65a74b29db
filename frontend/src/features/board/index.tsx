export { BoardPage } from "./pages/BoardPage";
