import {
  Building2,
  CalendarRange,
  FilePenLine,
  Gauge,
  Handshake,
  House,
  type LucideIcon,
  Megaphone,
  Settings2,
  Sparkles,
  SquareKanban,
  Table2,
  UserCheck,
  UsersRound,
} from "lucide-react";
import type { Schemas } from "@/api/client";
import type { Texts } from "@/i18n";

type Page = Schemas["Page"];
type Counts = Schemas["MyCounts"];

export interface Entry {
  key: keyof Texts["common"]["pages"];
  href: string;
  icon: LucideIcon;
  /** The pages of the API that open it: it is shown where one of them is the reader's. */
  pages: readonly Page[];
  /** How much waits there now. */
  waits?: {
    count: (counts: Counts) => number;
    /** What is counted. */
    text: keyof Texts["common"]["shell"]["counts"];
    /** Whether any of it is overdue, for what has a day; a phone marks that alone. */
    isUrgent?: (counts: Counts) => boolean;
  };
}

export const GROUPS: readonly (readonly Entry[])[] = [
  [
    {
      key: "workbench",
      href: "/workbench",
      icon: House,
      pages: ["workbench"],
      waits: { count: (counts) => counts.past_due + counts.today, text: "workbench", isUrgent: (counts) => counts.past_due > 0 },
    },
    { key: "cockpit", href: "/cockpit", icon: Gauge, pages: ["cockpit"] },
    { key: "board", href: "/pipeline", icon: SquareKanban, pages: ["board"] },
    { key: "ledger", href: "/projects", icon: Table2, pages: ["ledger"] },
    { key: "leads", href: "/leads", icon: Sparkles, pages: ["leads"], waits: { count: (counts) => counts.leads, text: "leads" } },
    { key: "deals", href: "/deals", icon: FilePenLine, pages: ["deals"], waits: { count: (counts) => counts.deals, text: "deals" } },
  ],
  [
    { key: "enterprises", href: "/enterprises", icon: Building2, pages: ["enterprises"] },
    { key: "taskforces", href: "/task-forces", icon: UsersRound, pages: ["task_forces"] },
    { key: "officials", href: "/officials", icon: UserCheck, pages: ["officials"] },
    // Referrers have no page of their own in the API: who sees leads sees who brought them.
    { key: "referrers", href: "/referrers", icon: Handshake, pages: ["leads"] },
    { key: "plan", href: "/plan", icon: CalendarRange, pages: ["ledger"] },
  ],
  [
    { key: "published", href: "/published", icon: Megaphone, pages: ["published"] },
    {
      key: "admin",
      href: "/admin",
      icon: Settings2,
      pages: [
        "units", "inbox", "endpoints", "sources", "control_changes", "users", "stages", "settings", "calendar", "jobs", "audit",
      ],
      waits: { count: (counts) => counts.inbox, text: "admin" },
    },
  ],
];

/** The tabs of a phone, with the button for a follow-up between the second and the third. */
export const TABS = ["workbench", "cockpit", "board", "ledger"] as const;

/** Returns the groups with the entries that are open to the reader; an entry that is not is absent, not grey. */
export function entriesOf(pages: readonly Page[]): Entry[][] {
  const open = new Set(pages);
  return GROUPS.map((group) => group.filter((entry) => entry.pages.some((page) => open.has(page)))).filter(
    (group) => group.length,
  );
}

/** Returns where one begins: a leader at the cockpit, who has tasks at them, others, such as an auditor, at the first
 * page that is open to them. */
export function homeOf(me: Pick<Schemas["MyRead"], "roles" | "pages">): string {
  const open = entriesOf(me.pages).flat();
  const isLeader = me.roles.length > 0 && me.roles.every((role) => role.code === "leader");
  const order = isLeader ? (["cockpit", "workbench", "admin"] as const) : (["workbench", "admin"] as const);
  const first = order.map((key) => open.find((entry) => entry.key === key)).find(Boolean);
  return (first ?? open[0])?.href ?? "/workbench";
}
