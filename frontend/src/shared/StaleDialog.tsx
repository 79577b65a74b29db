import { Button, Modal } from "antd";
import { ExternalLink, GitCompareArrows } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";
import type { Schemas } from "@/api/client";
import type { Problem } from "@/api/problems";
import { useMeta, useToday } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { moment } from "./days";
import { isNamed, useNames } from "./filters/names";
import { kindOf } from "./forms/kinds";
import { Money } from "./Money";
import { isAmount } from "./money";
import { pageOfRequest } from "./records";
import css from "./stale.module.css";

type Changed = Schemas["ChangedField"];
/** What the reader would write, by the names of the fields; null where that is no fields. */
export type Mine = Readonly<Record<string, unknown>>;
type Ask = (problem: Problem, mine: Mine | null) => Promise<boolean>;
const Context = createContext<Ask>(() => Promise.resolve(false));

/** Returns a function that shows what others changed, and whether to write over it. */
export function useStaleDialog(): Ask {
  return useContext(Context);
}

interface Open {
  problem: Problem;
  mine: Mine | null;
  answer: (isMine: boolean) => void;
}

export function StaleDialogProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation("common");
  const today = useToday();
  const [open, setOpen] = useState<Open | null>(null);
  const ask = useCallback<Ask>((problem, mine) => new Promise((answer) => setOpen({ problem, mine, answer })), []);
  const close = (isMine: boolean) => {
    open?.answer(isMine);
    setOpen(null);
  };
  const changed = open?.problem.document.changed ?? [];
  const last = changed.at(-1);
  const mine = open?.mine;
  const page = open && pageOfRequest(open.problem.path);
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
          page && (
            <Button key="both" type="link" className={css.both} href={page} target="_blank" rel="noopener" title={t("stale.bothHint")}>
              {t("stale.both")}
              <ExternalLink size={13} strokeWidth={1.75} aria-hidden="true" />
            </Button>
          ),
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
              {mine && <th>{t("stale.wanted")}</th>}
            </tr>
          </thead>
          <tbody>
            {changed.map((field) => (
              <tr key={field.field}>
                <th>{said(field)}</th>
                <td>{said(field.from_text as { zh: string; en: string })}</td>
                <td>{said(field.to_text as { zh: string; en: string })}</td>
                {mine && <Wanted of={field} mine={mine} />}
              </tr>
            ))}
          </tbody>
        </table>
        <p className={css.hint}>{t("stale.hint")}</p>
      </Modal>
    </Context>
  );
}

/** What the reader would write over the field; one that they left as they read it is not written. */
function Wanted({ of, mine }: { of: Changed; mine: Mine }) {
  const { t } = useTranslation("common");
  const { meta, label } = useMeta();
  const kind = kindOf(of.field);
  const value = textOf(mine[of.field]);
  const wanted = kind.type === "ref" && isNamed(kind.kind) && value ? { kind: kind.kind, id: value } : null;
  const name = useNames(wanted ? [wanted] : []);
  if (!(of.field in mine) || value === textOf(of.from)) return <td className={css.untouched}>{t("stale.untouched")}</td>;
  const industry = kind.type === "industry" ? meta.industries.find((one) => one.code === value) : undefined;
  let text: ReactNode = value || t("notFilled");
  if (wanted) text = name(wanted.kind, wanted.id);
  else if (kind.type === "money" && isAmount(value)) text = <Money yuan={value} />;
  else if (kind.type === "enum" && value) text = said(label(kind.of, value));
  else if (industry) text = said({ zh: industry.name_zh, en: industry.name_en });
  return <td className={css.mine}>{text}</td>;
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? "" : String(value).trim();
}
