import { CircleCheck, X } from "lucide-react";
import { useMemo } from "react";
import { useKeys } from "@/app/keys";
import { useTranslation } from "@/i18n";
import { closeToast, holdToast, useToast } from "./toast";
import css from "./toast.module.css";

/** The place of the toast; `Z` does what it offers, so that undo has a key. */
export function Toaster() {
  const { t } = useTranslation("common");
  const shown = useToast();
  const action = shown?.action;
  const run = useMemo(
    () =>
      action &&
      (() => {
        closeToast();
        action.run();
      }),
    [action],
  );
  useKeys(useMemo(() => (action && run ? [{ key: "Z", does: action.text, run }] : []), [action, run]));
  return (
    <div className={css.place} role="status" aria-live="polite">
      {shown && (
        <div
          key={shown.id}
          className={css.toast}
          onMouseEnter={() => holdToast(true)}
          onMouseLeave={() => holdToast(false)}
          onFocus={() => holdToast(true)}
          onBlur={() => holdToast(false)}
        >
          <CircleCheck size={17} strokeWidth={1.75} aria-hidden="true" />
          <span>{shown.text}</span>
          {action && (
            <button type="button" className={css.action} onClick={run}>
              {action.text}
            </button>
          )}
          <button type="button" className={css.close} aria-label={t("close")} onClick={closeToast}>
            <X size={15} strokeWidth={1.75} aria-hidden="true" />
          </button>
        </div>
      )}
    </div>
  );
}
