export { GapsPage } from "./pages/GapsPage";
export { OfficialPage } from "./pages/OfficialPage";
export { OfficialsPage } from "./pages/OfficialsPage";
