import "@/app/reset.css";
import "@/shared/tokens.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { start } from "@/i18n";
import { Root } from "./Root";

void start().then(() => {
  createRoot(document.getElementById("root")!).render(
    <StrictMode>
      <Root />
    </StrictMode>,
  );
});
