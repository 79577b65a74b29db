import { Link, useParams } from "@tanstack/react-router";
import { Suspense, useEffect, useRef } from "react";
import { queries } from "@/api/client";
import { useIsPhone } from "@/app/phone";
import { Title } from "@/app/shell/title";
import { useMe } from "@/app/who";
import { useTranslation } from "@/i18n";
import { Empty, Skeleton } from "@/shared/StateView";
import { To } from "@/shared/To";
import { GROUPS, type Section } from "./sections";
import css from "./admin.module.css";

/** Administration: the sections that are open to who reads, one at a time. */
export function AdminPage() {
  const { t } = useTranslation("admin");
  const me = useMe();
  const isPhone = useIsPhone();
  const { section } = useParams({ strict: false }) as { section?: string };
  const counts = queries.useQuery("get", "/api/v1/me/counts", {}, { enabled: me.pages.includes("workbench") }).data;
  const groups = GROUPS.map((group) => ({
    ...group,
    sections: group.sections.filter((one) => me.pages.includes(one.page)),
  })).filter((group) => group.sections.length);
  const open = groups.flatMap((group) => group.sections).filter((one) => one.View);
  const here = section ? open.find((one) => one.key === section) : open[0];
  const name = GROUPS.flatMap((group) => group.sections).find((one) => one.key === section)?.key ?? here?.key;
  const side = useRef<HTMLElement>(null);
  useEffect(() => {
    side.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [here]);

  const entry = (one: Section) => {
    const Icon = one.icon;
    const count = counts && one.count ? one.count(counts) : 0;
    const content = (
      <>
        <Icon size={15} strokeWidth={1.75} aria-hidden="true" />
        {t(`sections.${one.key}`)}
        {count > 0 && <b>{count}</b>}
      </>
    );
    const style = `${css.entry} ${one === here ? css.here : ""}`;
    return one.href ? (
      <To href={one.href} className={style}>
        {content}
      </To>
    ) : (
      <Link to="/admin/$section" params={{ section: one.key }} search={{}} className={style} aria-current={one === here ? "page" : undefined}>
        {content}
      </Link>
    );
  };

  return (
    <div className={css.page}>
      <Title text={name ? t(`sections.${name}`) : t("common:pages.admin")}>
        {!isPhone && <To href="/admin">{t("common:pages.admin")}</To>}
        <h1>{name && t(`sections.${name}`)}</h1>
      </Title>
      <nav ref={side} className={css.side} aria-label={t("navigation")}>
        {groups.map((group) => (
          <div key={group.key}>
            <h2>{t(`groups.${group.key}`)}</h2>
            <ul>
              {group.sections.map((one) => (
                <li key={one.key}>{entry(one)}</li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <div className={css.content}>
        <Suspense fallback={<Skeleton rows={10} columns={4} />}>
          {here?.View ? <here.View key={here.key} /> : <Empty title={t(open.length ? "closedHere" : "closed")} text={t("closedText")} />}
        </Suspense>
      </div>
    </div>
  );
}
