import { type ReactNode, useEffect } from "react";
import { Offline } from "@/api/problems";
import { session } from "@/app/session";
import { useTranslation } from "@/i18n";
import css from "./pages.module.css";

interface Props {
  text: ReactNode;
  act: string;
  onAct: () => void;
}

function Failed({ text, act, onAct }: Props) {
  const { t } = useTranslation("common");
  return (
    <div className={css.page} role="alert">
      <h1>{t("state.error")}</h1>
      <p>{text}</p>
      <button type="button" onClick={onAct}>
        {act}
      </button>
    </div>
  );
}

/** The service could not be reached when the page was opened: nothing else can be shown yet. */
export function ErrorPage({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation("common");
  return (
    <main>
      <Failed text={error instanceof Offline ? t("state.offline") : error.message} act={t("retry")} onAct={onRetry} />
    </main>
  );
}

const NOT_LOADED = /dynamically imported module|Importing a module script|Unable to preload CSS/;

/** In place of a page that broke, or of which a part is missing: the line is down, or an update has taken it away. */
export function BrokenPage({ error }: { error: unknown }) {
  const { t } = useTranslation("common");
  const said = error instanceof Error ? error.message : "";
  const isMissing = NOT_LOADED.test(said);
  useEffect(() => {
    if (isMissing) return session.onReturn(() => location.reload());
  }, [isMissing]);
  // Without the service a reload would end at the browser's own page.
  const reload = () => void session.read().then(() => location.reload(), () => session.setOnline(false));
  return <Failed text={isMissing ? t("state.part") : t("state.broken")} act={t("state.reload")} onAct={reload} />;
}
