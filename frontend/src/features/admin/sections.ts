/** The sections of administration; `pages` of who reads open them. */
import {
  Activity,
  AlarmClock,
  ArrowLeftRight,
  Building2,
  CalendarDays,
  Inbox,
  KeyRound,
  ListChecks,
  type LucideIcon,
  MonitorPlay,
  ScrollText,
  Send,
  Settings2,
  ShieldCheck,
  UserCheck,
} from "lucide-react";
import { type ComponentType, lazy } from "react";
import type { Schemas } from "@/api/client";
import type { Texts } from "@/i18n";

export interface Section {
  key: keyof Texts["admin"]["sections"];
  icon: LucideIcon;
  page: Schemas["Page"];
  /** A page outside of administration. */
  href?: string;
  View?: ComponentType;
  count?: (counts: Schemas["MyCounts"]) => number;
}

export const GROUPS: readonly { key: keyof Texts["admin"]["groups"]; sections: readonly Section[] }[] = [
  {
    key: "people",
    sections: [
      { key: "users", icon: KeyRound, page: "users", View: lazy(() => import("./pages/Users")) },
      { key: "displays", icon: MonitorPlay, page: "users", View: lazy(() => import("./pages/Displays")) },
      { key: "control-changes", icon: ShieldCheck, page: "control_changes", View: lazy(() => import("./pages/ControlChanges")) },
      { key: "units", icon: Building2, page: "units", View: lazy(() => import("./pages/Units")) },
      { key: "officials", icon: UserCheck, page: "officials", href: "/officials" },
    ],
  },
  {
    key: "rules",
    sections: [
      { key: "stages", icon: ListChecks, page: "stages", View: lazy(() => import("./pages/Stages")) },
      { key: "lead-clocks", icon: AlarmClock, page: "stages", View: lazy(() => import("./pages/LeadClocks")) },
      { key: "calendar", icon: CalendarDays, page: "calendar", View: lazy(() => import("./pages/Calendar")) },
      { key: "settings", icon: Settings2, page: "settings", View: lazy(() => import("./pages/Settings")) },
    ],
  },
  {
    key: "machines",
    sections: [
      { key: "inbox", icon: Inbox, page: "inbox", View: lazy(() => import("./pages/Inbox")), count: (counts) => counts.inbox },
      { key: "sources", icon: ArrowLeftRight, page: "sources", View: lazy(() => import("./pages/Sources")) },
      { key: "endpoints", icon: Send, page: "endpoints", View: lazy(() => import("./pages/Endpoints")) },
    ],
  },
  {
    key: "operation",
    sections: [
      { key: "jobs", icon: Activity, page: "jobs", View: lazy(() => import("./pages/Jobs")) },
      { key: "audit", icon: ScrollText, page: "audit", View: lazy(() => import("./pages/Audit")) },
    ],
  },
];
