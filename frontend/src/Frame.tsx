import { lazy, Suspense } from "react";
import { Navigate } from "@tanstack/react-router";
import { homeOf } from "@/app/shell/navigation";
import { Shell } from "@/app/shell/Shell";
import { useMe } from "@/app/who";
import { Toaster } from "@/shared/Toaster";

const FollowUpSheet = lazy(() => import("@/shared/forms/FollowUpSheet").then((one) => ({ default: one.FollowUpSheet })));

/** The frame of every page, with the sheet that opens over any of them. */
export function Frame() {
  return (
    <>
      <Shell />
      <Suspense>
        <FollowUpSheet />
      </Suspense>
      <Toaster />
    </>
  );
}

/** The first address, which has no page of its own. */
export function Home() {
  return <Navigate to={homeOf(useMe())} search={true} replace />;
}
