import { Button, Modal } from "antd";
import { GitCompareArrows } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ProblemDocument } from "@/api/problems";
import { useToday } from "@/app/who";
import { said } from "@/i18n";
import { moment } from "./days";
import css from "./stale.module.css";

type Ask = (problem: ProblemDocument) => Promise<boolean>;
const Context = createContext<Ask>(() => Promise.resolve(false));

/** Returns a function that shows what others changed, and whether to write over it. */
export function useStaleDialog(): Ask {
  return useContext(Context);
}

interface Open {
  problem: ProblemDocument;
  answer: (isMine: boolean) => void;
}

export function StaleDialogProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation("common");
  const today = useToday();
  const [open, setOpen] = useState<Open | null>(null);
  const ask = useCallback<Ask>((problem) => new Promise((answer) => setOpen({ problem, answer })), []);
  const close = (isMine: boolean) => {
    open?.answer(isMine);
    setOpen(null);
  };
  const changed = open?.problem.changed ?? [];
  const last = changed.at(-1);
  return (
    <Context value={ask}>
      {children}
      <Modal
        open={open !== null}
        onCancel={() => close(false)}
        title={
          <span className={css.title}>
            <GitCompareArrows size={17} strokeWidth={1.75} aria-hidden="true" />
            {last
              ? t("stale.by", { who: last.by ?? t("stale.somebody"), at: moment(last.at, today) })
              : t("stale.title")}
          </span>
        }
        footer={[
          <Button key="theirs" onClick={() => close(false)}>
            {t("stale.theirs")}
          </Button>,
          <Button key="mine" type="primary" onClick={() => close(true)}>
            {t("stale.mine")}
          </Button>,
        ]}
      >
        <table className={css.table}>
          <thead>
            <tr>
              <th />
              <th>{t("stale.read")}</th>
              <th>{t("stale.now")}</th>
            </tr>
          </thead>
          <tbody>
            {changed.map((field) => (
              <tr key={field.field}>
                <th>{said(field)}</th>
                <td>{said(field.from_text as { zh: string; en: string })}</td>
                <td>{said(field.to_text as { zh: string; en: string })}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className={css.hint}>{t("stale.hint")}</p>
      </Modal>
    </Context>
  );
}
