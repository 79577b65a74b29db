import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Page } from "./login/Page";
import "./shared/tokens.css";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Page address={new URLSearchParams(location.search)} />
  </StrictMode>,
);
