import { Link, useLocation } from "@tanstack/react-router";
import { PenLine } from "lucide-react";
import type { Schemas } from "@/api/client";
import { openFollowUp } from "@/app/followUp";
import { useMe } from "@/app/who";
import { useTranslation } from "@/i18n";
import { entriesOf, TABS } from "./navigation";
import css from "./tabs.module.css";

/** The tabs below a page on a phone, within reach of the thumb. */
export function PhoneTabs({ counts }: { counts?: Schemas["MyCounts"] }) {
  const { t } = useTranslation("common");
  const me = useMe();
  const { pathname } = useLocation();
  const open = entriesOf(me.pages).flat();
  const usual = TABS.flatMap((key) => open.filter((entry) => entry.key === key));
  // Administrators have none of the usual ones.
  const tabs = (usual.length ? usual : open.slice(0, TABS.length)).map((entry) => {
    const isHere = pathname.startsWith(entry.href);
    const tab = TABS.find((key) => key === entry.key);
    const { waits } = entry;
    const count = counts && waits?.isUrgent ? waits.count(counts) : 0;
    return (
      <Link key={entry.key} to={entry.href} className={`${css.tab} ${isHere ? css.here : ""}`}>
        <entry.icon size={22} strokeWidth={1.75} aria-hidden="true" />
        {tab ? t(`tabs.${tab}`) : t(`pages.${entry.key}`)}
        {waits && count > 0 && (
          <i className={waits.isUrgent?.(counts!) ? css.urgent : ""}>
            <span className="visually-hidden">{t(`shell.counts.${waits.text}`, { ...counts, count })}</span>
          </i>
        )}
      </Link>
    );
  });
  const middle = Math.ceil(tabs.length / 2);
  const mayWrite = me.permissions.some((permission) => permission.code === "write");
  return (
    <nav className={css.tabs} aria-label={t("shell.navigation")}>
      {tabs.slice(0, middle)}
      {mayWrite && (
        <button type="button" className={css.add} onClick={() => openFollowUp()}>
          <span>
            <PenLine size={22} strokeWidth={1.75} aria-hidden="true" />
          </span>
          {t("tabs.followUp")}
        </button>
      )}
      {tabs.slice(middle)}
    </nav>
  );
}
