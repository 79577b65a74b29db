/** What a card or page shows in place of its content: first load, nothing yet, no result, an error, out of scope. */
import { useLocation } from "@tanstack/react-router";
import { Button } from "antd";
import { Copy, FilterX, Lock, RotateCw, TriangleAlert, WifiOff } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { Offline, Problem } from "@/api/problems";
import { type Entry, entriesOf } from "@/app/shell/navigation";
import { useMe } from "@/app/who";
import { said, useTranslation } from "@/i18n";
import { copy } from "./copy";
import { To } from "./To";
import css from "./state.module.css";

interface ViewProps {
  icon: ReactNode;
  title: ReactNode;
  text?: ReactNode;
  children?: ReactNode;
  tone?: "plain" | "danger";
}

function View({ icon, title, text, children, tone = "plain" }: ViewProps) {
  return (
    <div className={css.view}>
      <div className={`${css.icon} ${css[tone]}`}>{icon}</div>
      <h3>{title}</h3>
      {text && <p>{text}</p>}
      {children && <div className={css.acts}>{children}</div>}
    </div>
  );
}

/** Nothing yet: what to do, and the button. */
export function Empty({ title, text, children }: { title: ReactNode; text?: ReactNode; children?: ReactNode }) {
  return (
    <div className={css.view}>
      <div className={css.dashed} aria-hidden="true">
        <i />
        <i />
        <i />
        <i />
        <i />
      </div>
      <h3>{title}</h3>
      {text && <p>{text}</p>}
      {children && <div className={css.acts}>{children}</div>}
    </div>
  );
}

/** The filter finds nothing: which conditions, and how to drop them. */
export function NoResult({ text, children }: { text?: ReactNode; children?: ReactNode }) {
  const { t } = useTranslation("common");
  return (
    <View icon={<FilterX strokeWidth={1.75} />} title={t("state.noResult")} text={text}>
      {children}
    </View>
  );
}

/** Returns the list that the page of a record belongs to, where the reader may see it. */
function useListAbove(): Entry | undefined {
  const { pathname } = useLocation();
  const entries = entriesOf(useMe().pages).flat();
  return entries.find(({ href }) => pathname.startsWith(`${href}/`));
}

/** Only what could not be read says so; the rest of the page stays. */
export function ErrorView({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation("common");
  const me = useMe();
  const list = useListAbove();
  if (error instanceof Problem && (error.status === 403 || error.status === 404)) {
    return (
      <View
        icon={<Lock strokeWidth={1.75} />}
        title={error.status === 404 ? t("state.notFound") : error.document.title}
        text={error.status === 404 ? t("state.scope", { scope: said(me.scope) }) : error.document.detail}
      >
        {list && (
          <To href={list.href} className={css.back}>
            {t("state.back", { page: t(`pages.${list.key}`) })}
          </To>
        )}
      </View>
    );
  }
  const isOffline = error instanceof Offline;
  return (
    <View
      icon={isOffline ? <WifiOff strokeWidth={1.75} /> : <TriangleAlert strokeWidth={1.75} />}
      tone="danger"
      title={t("state.error")}
      text={isOffline ? t("state.offline") : error instanceof Error ? error.message : null}
    >
      {onRetry && (
        <Button icon={<RotateCw size={14} strokeWidth={1.75} />} onClick={onRetry}>
          {t("retry")}
        </Button>
      )}
      {error instanceof Problem && (
        <Button type="link" icon={<Copy size={13} strokeWidth={1.75} />} onClick={() => copy(error.document.request_id)}>
          {t("state.requestId", { id: error.document.request_id.slice(0, 13) })}
        </Button>
      )}
    </View>
  );
}

/** Grey bars in the shape of the content, after 200 ms. */
export function Skeleton({ rows = 6, columns = 4 }: { rows?: number; columns?: number }) {
  const [isDue, setIsDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsDue(true), 200);
    return () => clearTimeout(timer);
  }, []);
  if (!isDue) return <div className={css.pending} aria-busy="true" />;
  return (
    <div className={css.skeleton} aria-busy="true" style={{ gridTemplateColumns: `repeat(${columns}, 1fr)` }}>
      {Array.from({ length: rows * columns }, (_, index) => (
        <i key={index} style={{ width: `${55 + ((index * 37) % 40)}%` }} />
      ))}
    </div>
  );
}

interface QueryProps<T> {
  /** A query of whatever kind; what it throws is a Problem or Offline, whatever the operation declares. */
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Shows a query: its skeleton, its error, or its data; what was shown stays while it is asked again. */
export function QueryView<T>({ query, skeleton, children }: QueryProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ErrorView error={query.error as Error} onRetry={() => void query.refetch()} />;
  return <>{skeleton ?? <Skeleton />}</>;
}
