/** The pages and their addresses. Each is loaded when it is first opened, or when a link to it is hovered. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { parseSearch, type Search, stringifySearch } from "@/app/search";
import { BrokenPage } from "@/shared/pages/ErrorPage";
import { NotFoundPage } from "@/shared/pages/NotFoundPage";
import { Frame, Home } from "./Frame";

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NotFoundPage,
  validateSearch: (search): Search => search as Search,
});

type Loader = Parameters<typeof lazyRouteComponent>[0];

/** A part that is missing is said on the page (BrokenPage). The router would load the page anew by itself, and what is
 * typed, or the last thing that can be read without a line, would be gone. */
function said(load: Loader): Loader {
  return () =>
    load().catch((error: Error) => {
      throw new Error(`not loaded: ${error.message}`);
    });
}

function page(path: string, load: Loader, name: string) {
  return createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(said(load), name) });
}

const pages = [
  createRoute({ getParentRoute: () => root, path: "/", component: Home }),
  page("/workbench", () => import("@/features/workbench"), "WorkbenchPage"),
  page("/cockpit", () => import("@/features/cockpit"), "CockpitPage"),
  page("/rows/$figure", () => import("@/features/drill"), "DrillPage"),
  page("/pipeline", () => import("@/features/board"), "BoardPage"),
  page("/projects", () => import("@/features/ledger"), "LedgerPage"),
  page("/projects/$projectId", () => import("@/features/project"), "ProjectPage"),
  page("/leads", () => import("@/features/leads"), "LeadsPage"),
  page("/leads/$leadId", () => import("@/features/leads"), "LeadPage"),
  page("/deals", () => import("@/features/deals"), "DealsPage"),
  page("/enterprises", () => import("@/features/enterprises"), "EnterprisesPage"),
  page("/enterprises/$enterpriseId", () => import("@/features/enterprises"), "EnterprisePage"),
  page("/task-forces", () => import("@/features/taskforces"), "TaskForcesPage"),
  page("/task-forces/$taskForceId", () => import("@/features/taskforces"), "TaskForcePage"),
  page("/officials", () => import("@/features/officials"), "OfficialsPage"),
  page("/officials/$officialId", () => import("@/features/officials"), "OfficialPage"),
  page("/referrers", () => import("@/features/referrers"), "ReferrersPage"),
  page("/referrers/$referrerId", () => import("@/features/referrers"), "ReferrerPage"),
  page("/gaps", () => import("@/features/officials"), "GapsPage"),
  page("/milestones", () => import("@/features/workbench"), "MilestonesPage"),
  page("/published", () => import("@/features/published"), "PublishedPage"),
  page("/plan", () => import("@/features/plan"), "PlanPage"),
  page("/me", () => import("@/features/account"), "AccountPage"),
  page("/admin", () => import("@/features/admin"), "AdminPage"),
  page("/admin/$section", () => import("@/features/admin"), "AdminPage"),
];

export const router = createRouter({
  routeTree: root.addChildren(pages),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultPreloadDelay: 60,
  scrollRestoration: true,
  defaultErrorComponent: BrokenPage,
});
