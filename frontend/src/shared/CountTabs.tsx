import css from "./tabs.module.css";

export interface CountTab {
  key: string;
  label: string;
  count?: number;
  /** Red: what is counted is overdue. */
  isUrgent?: boolean;
}

interface Props {
  tabs: readonly CountTab[];
  current: string | null;
  onChange: (key: string) => void;
  label: string;
}

/** Tabs over a list, each with the number of its rows; a phone scrolls them. */
export function CountTabs({ tabs, current, onChange, label }: Props) {
  return (
    <nav className={css.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <button
          key={tab.key}
          type="button"
          aria-current={tab.key === current ? "true" : undefined}
          className={`${css.tab} ${tab.key === current ? css.current : ""}`}
          onClick={() => onChange(tab.key)}
        >
          {tab.label}
          {tab.count !== undefined && (
            <span className={`${css.count} ${tab.isUrgent && tab.count ? css.urgent : ""}`}>{tab.count.toLocaleString("en-US")}</span>
          )}
        </button>
      ))}
    </nav>
  );
}
