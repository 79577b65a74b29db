import { Dropdown } from "antd";
import { ChevronsUpDown } from "lucide-react";
import { useLocation, useNavigate } from "@tanstack/react-router";
import type { Schemas } from "@/api/client";
import { Problem } from "@/api/problems";
import { drafts, session } from "@/app/session";
import { useMe } from "@/app/who";
import { changeLanguage, nameOf, said, useTranslation } from "@/i18n";
import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { Link } from "@tanstack/react-router";
import { entriesOf, TABS } from "./navigation";
import css from "./side.module.css";

export function Mark() {
  return (
    <span className={css.mark} aria-hidden="true">
      <i />
      <i />
      <i />
      <i />
      <i />
    </span>
  );
}

export function Side({ isRail, counts, onKeys }: { isRail: boolean; counts?: Schemas["MyCounts"]; onKeys: () => void }) {
  const { t } = useTranslation("common");
  const me = useMe();
  const { pathname } = useLocation();
  return (
    <nav className={`${css.side} ${isRail ? css.rail : ""}`} aria-label={t("shell.navigation")}>
      <div className={css.brand}>
        <Mark />
        {!isRail && (
          <div>
            <strong>{t("product")}</strong>
            <small>{t("productOf")}</small>
          </div>
        )}
      </div>
      <div className={css.groups}>
        {entriesOf(me.pages).map((group, index) => (
          <ul key={index}>
            {group.map((entry) => {
              const { waits } = entry;
              const count = counts && waits ? waits.count(counts) : 0;
              const isHere = pathname.startsWith(entry.href);
              const waiting = waits && count > 0 && t(`shell.counts.${waits.text}`, { ...counts, count });
              return (
                <li key={entry.key}>
                  <Link
                    to={entry.href}
                    className={`${css.entry} ${isHere ? css.here : ""}`}
                    aria-current={isHere ? "page" : undefined}
                    title={[isRail && t(`pages.${entry.key}`), waiting].filter(Boolean).join("\n") || undefined}
                    preload="intent"
                  >
                    <entry.icon size={17} strokeWidth={1.75} aria-hidden="true" />
                    <span className={isRail ? "visually-hidden" : ""}>{t(`pages.${entry.key}`)}</span>
                    {waiting && (
                      <b className={waits.isUrgent?.(counts!) ? css.urgent : ""}>
                        <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
                        <span className="visually-hidden">{waiting}</span>
                      </b>
                    )}
                  </Link>
                </li>
              );
            })}
          </ul>
        ))}
      </div>
      <Person isRail={isRail} onKeys={onKeys} />
    </nav>
  );
}

/** Who I am, my role and scope; my account, the language, where there is a keyboard its keys, and the way out. As a rail has it, the face alone. */
export function Person({ isRail, isTop = false, onKeys }: { isRail: boolean; isTop?: boolean; onKeys?: () => void }) {
  const { t, language } = useTranslation("common");
  const me = useMe();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { modal, message } = App.useApp();
  const other = language === "en" ? "zh-CN" : "en";

  async function signOut() {
    const isSure =
      !drafts.any() || (await modal.confirm({ title: t("session.draftsTitle"), content: t("session.draftsText") }));
    if (!isSure) return;
    await session.signOut().catch((error: unknown) => {
      void message.error(error instanceof Problem ? error.document.detail : t("session.notOut"));
    });
  }

  // On a phone the tabs hold four pages; the others are here.
  const others = isTop ? entriesOf(me.pages).flat().filter(({ key }) => !TABS.some((tab) => tab === key)) : [];
  const items = [
    ...others.map((entry) => ({
      key: entry.key,
      icon: <entry.icon size={16} strokeWidth={1.75} aria-hidden="true" />,
      label: t(`pages.${entry.key}`),
      onClick: () => void navigate({ to: entry.href }),
    })),
    ...(others.length ? [{ type: "divider" as const, key: "pages" }] : []),
    { key: "account", label: t("pages.account"), onClick: () => void navigate({ to: "/me" }) },
    {
      key: "language",
      label: other === "en" ? "English" : "中文",
      onClick: () => void changeLanguage(other).then(() => client.invalidateQueries()),
    },
    ...(onKeys ? [{ key: "keys", label: t("keys.title"), extra: "?", onClick: onKeys }] : []),
    { type: "divider" as const },
    { key: "out", label: t("session.signOut"), onClick: () => void signOut() },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement={isTop ? "bottomRight" : "topLeft"}>
      <button type="button" className={`${css.person} ${isTop ? css.onTop : ""}`} title={t("shell.account", { name: me.name })} aria-label={isRail ? t("shell.account", { name: me.name }) : undefined}>
        <span className={css.face} aria-hidden="true">
          {nameOf(me.unit ?? { name: me.name }).replace(/^示例：?/, "").slice(0, 1) || "五"}
        </span>
        {!isRail && (
          <>
            <span className={css.who}>
              <span>{me.name}</span>
              <small>
                {[me.roles.map(said).join("、"), me.sees_all ? t("shell.city") : said(me.scope)].filter(Boolean).join(" · ")}
              </small>
            </span>
            <ChevronsUpDown size={14} strokeWidth={1.75} aria-hidden="true" />
          </>
        )}
      </button>
    </Dropdown>
  );
}
