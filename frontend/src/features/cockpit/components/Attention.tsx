import { ChevronRight, ClockAlert, FileClock, Hourglass, type LucideIcon, Milestone, ShieldAlert } from "lucide-react";
import type { ReactNode } from "react";
import { said, useTranslation } from "@/i18n";
import { Card } from "@/shared/Card";
import { Money } from "@/shared/Money";
import { pageOf, To } from "@/shared/To";
import type { Attention } from "../api";
import css from "./attention.module.css";

const GAPS = ["is_late", "lacks_leader", "lacks_team", "lacks_plan", "is_leader_out_of_post", "is_leader_late"] as const;

interface Line {
  key: string;
  icon: LucideIcon;
  title: string;
  note: ReactNode;
  count: number;
  unit: string;
  href: string | null;
  tone: "danger" | "warn" | "plain";
}

interface Props {
  attention: Attention;
  /** Whether units or a task force were chosen, which the controls of the page name. */
  isNarrowed: boolean;
  /** Whether the figures beside it are those of a past moment. */
  isPast: boolean;
}

export function AttentionCard({ attention, isNarrowed, isPast }: Props) {
  const { t } = useTranslation("cockpit");
  const { t: common } = useTranslation("common");
  const { overdue, five_ones: gaps, leads, deals, milestones } = attention;
  const joined = (parts: readonly ReactNode[]) =>
    parts.filter(Boolean).flatMap((part, index) => (index ? [" · ", part] : [part]));
  const lines: Line[] = [
    {
      key: "overdue",
      icon: Hourglass,
      title: t("attention.overdue"),
      note: overdue.count
        ? joined([...overdue.by_stage].sort((a, b) => b.count - a.count).slice(0, 2).map((one) => `${said({ zh: one.name_zh, en: one.name_en })} ${one.count}`))
        : t("attention.overdueNone"),
      count: overdue.count,
      unit: common("unit.project", { count: overdue.count }),
      href: pageOf(overdue.rows_url),
      tone: "danger",
    },
    {
      key: "gaps",
      icon: ShieldAlert,
      title: t("attention.gaps"),
      note: joined(
        GAPS.filter((kind) => gaps[kind].count)
          .sort((a, b) => gaps[b].count - gaps[a].count)
          .slice(0, 2)
          .map((kind) => `${t(`attention.${kind}`)} ${gaps[kind].count}`),
      ),
      count: gaps.count,
      unit: common("unit.project", { count: gaps.count }),
      href: pageOf(gaps.rows_url),
      tone: "warn",
    },
    {
      key: "leads",
      icon: ClockAlert,
      title: t("attention.leads"),
      note: joined([
        leads.worst && t("attention.worst", { count: leads.worst.days }),
        leads.unassessed.count > 0 && t("attention.unassessed", { count: leads.unassessed.count }),
      ]),
      count: leads.unanswered.count,
      unit: common("unit.lead", { count: leads.unanswered.count }),
      href: pageOf(leads.unanswered.rows_url),
      tone: "warn",
    },
    {
      key: "milestones",
      icon: Milestone,
      title: t("attention.milestones"),
      note: t("attention.due", { count: milestones.due_in_14.count }),
      count: milestones.overdue.count,
      unit: t("attention.milestone"),
      href: pageOf(milestones.overdue.rows_url),
      tone: "danger",
    },
    {
      key: "deals",
      icon: FileClock,
      title: t("attention.deals"),
      note: (
        <>
          {t("attention.sum")} <Money yuan={deals.amount} />
        </>
      ),
      count: deals.count,
      unit: common("unit.deal", { count: deals.count }),
      href: pageOf(deals.rows_url),
      tone: "plain",
    },
  ];
  return (
    <Card
      title={t("attention.title")}
      note={isPast ? t("attention.notPast") : isNarrowed ? t("attention.note") : `${said(attention.scope)} · ${t("attention.note")}`}
      className={`${css.card} ${isPast ? css.today : ""}`}
    >
      <ul className={css.lines}>
        {lines.map(({ key, icon: Icon, title, note, count, unit, href, tone }) => (
          <li key={key}>
            <To href={href ?? "#"} className={`${css.line} ${count ? css[tone] : css.clear}`}>
              <Icon size={17} strokeWidth={1.75} aria-hidden="true" />
              <span className={css.words}>
                <b>{title}</b>
                <small>{note}</small>
              </span>
              <span className={css.count}>
                <b>{count.toLocaleString("en")}</b> <small>{unit}</small>
              </span>
              <ChevronRight size={15} strokeWidth={1.75} aria-hidden="true" className={css.go} />
            </To>
          </li>
        ))}
      </ul>
    </Card>
  );
}
