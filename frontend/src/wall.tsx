import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./shared/tokens.css";
import { Page } from "./wall/Page";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Page address={new URLSearchParams(location.search)} />
  </StrictMode>,
);
