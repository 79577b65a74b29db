/** The frame of every page: side navigation, top bar, and on a phone the tabs below. */
import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation, useRouterState } from "@tanstack/react-router";
import { FlaskConical, Search as SearchIcon, WifiOff } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { queries } from "@/api/client";
import { useIsPhone } from "@/app/phone";
import { session, useSessionState } from "@/app/session";
import { useKeys } from "@/app/keys";
import { useMe } from "@/app/who";
import { useTranslation } from "@/i18n";
import { KeyList } from "./KeyList";
import { Palette } from "./Palette";
import { PhoneTabs } from "./PhoneTabs";
import { Person, Side } from "./Side";
import { TitleSlot, useTitleSlot } from "./title";
import css from "./shell.module.css";

/** Pages that want the width: they open with the side bar as a rail. */
const WIDE = /^\/(pipeline|projects|leads|deals|rows|enterprises|officials|gaps|milestones|task-forces|referrers|plan|admin)/;
/** The pages of single records have cards beside each other, and room for the side bar. */
const RECORD = /^\/(projects|enterprises|officials|task-forces|referrers)\/./;

export function Shell() {
  return (
    <TitleSlot>
      <Frame />
    </TitleSlot>
  );
}

function Frame() {
  const { t } = useTranslation("common");
  const isPhone = useIsPhone();
  const { pathname } = useLocation();
  const [isSearching, setIsSearching] = useState(false);
  const [isListing, setIsListing] = useState(false);
  const isRail = WIDE.test(pathname) && !RECORD.test(pathname);
  const hasTasks = useMe().pages.includes("workbench");
  const counts = useQuery({ ...queries.queryOptions("get", "/api/v1/me/counts"), enabled: hasTasks, refetchInterval: 60_000 });

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setIsSearching(true);
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  useKeys(useMemo(() => [{ key: "?", does: t("keys.list"), run: () => setIsListing(true) }], [t]));

  return (
    <div className={`${css.frame} ${isRail ? css.withRail : ""}`}>
      <a className={css.skip} href="#main">
        {t("shell.skip")}
      </a>
      {!isPhone && <Side isRail={isRail} counts={counts.data} onKeys={() => setIsListing(true)} />}
      <div className={css.column}>
        <TopBar onSearch={() => setIsSearching(true)} isPhone={isPhone} />
        <OfflineBar />
        <LoadingBar />
        <main id="main" className={css.main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      {isPhone && <PhoneTabs counts={counts.data} />}
      {isSearching && <Palette onClose={() => setIsSearching(false)} onKeys={() => setIsListing(true)} />}
      {isListing && <KeyList onClose={() => setIsListing(false)} />}
    </div>
  );
}

function TopBar({ onSearch, isPhone }: { onSearch: () => void; isPhone: boolean }) {
  const { t } = useTranslation("common");
  const me = useMe();
  const title = useTitleSlot();
  return (
    <header className={css.top}>
      <div className={css.title} ref={title} />
      <button type="button" className={css.search} onClick={onSearch} aria-label={isPhone ? t("shell.search") : undefined}>
        <SearchIcon size={isPhone ? 20 : 15} strokeWidth={1.75} aria-hidden="true" />
        {!isPhone && (
          <>
            <span>{t("shell.search")}</span>
            <kbd>Ctrl K</kbd>
          </>
        )}
      </button>
      {me.business_day_is_set && (
        <span className={css.sample} title={`${t("shell.sample", { day: me.today })}. ${t("shell.sampleTitle")}`}>
          {!isPhone && <FlaskConical size={13} strokeWidth={1.75} aria-hidden="true" />}
          {isPhone ? t("illustrative") : t("shell.sample", { day: me.today })}
        </span>
      )}
      {isPhone && <Person isRail isTop />}
    </header>
  );
}

function OfflineBar() {
  const { t } = useTranslation("common");
  const { isOnline, reachedAt } = useSessionState();
  if (isOnline) return null;
  const at = new Date(reachedAt).toLocaleTimeString("sv-SE").slice(0, 5);
  return (
    <div className={css.bar} role="status">
      <WifiOff size={14} strokeWidth={1.75} aria-hidden="true" />
      {t("shell.offline", { at })}
      <Line />
    </div>
  );
}

/** Tries the line while it is down; whatever answers takes the bar away. */
function Line() {
  const { refetch } = useQuery({
    queryKey: ["line"],
    queryFn: async () => {
      await session.read();
      return null;
    },
    refetchInterval: 5_000,
    retry: false,
    gcTime: 0,
  });
  useEffect(() => {
    const ask = () => void refetch();
    window.addEventListener("online", ask);
    return () => window.removeEventListener("online", ask);
  }, [refetch]);
  return null;
}

/** A thin line below the top bar while a page is loaded; what was shown before stays. */
function LoadingBar() {
  const isLoading = useRouterState({ select: (state) => state.isLoading });
  return <div className={`${css.loading} ${isLoading ? css.active : ""}`} aria-hidden="true" />;
}
