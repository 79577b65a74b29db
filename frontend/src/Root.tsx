/** Providers, from the outside in: the language, queries, widgets, who uses the page, dialogs, pages. */
import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { App, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { api } from "@/api/client";
import { Problem } from "@/api/problems";
import { queryClient } from "@/app/query";
import { session, useSessionState } from "@/app/session";
import { useIsPhone } from "@/app/phone";
import { phoneTheme, theme } from "@/app/theme";
import { WhoProvider } from "@/app/who";
import { LanguageContext, useLanguage } from "@/i18n";
import { StaleDialogProvider } from "@/shared/StaleDialog";
import { ErrorPage } from "@/shared/pages/ErrorPage";
import { router } from "./router";
import { SessionDialog } from "./SessionDialog";

function toSignIn(): void {
  location.replace(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Reads the session, then who it belongs to and the dictionary. Without a session leaves for the sign-in page. */
async function begin() {
  try {
    const found = await session.read();
    if (found.must.length) return toSignIn();
    const [me, meta] = await Promise.all([api.GET("/api/v1/me"), api.GET("/api/v1/meta")]);
    session.belongsTo(me.data!.id);
    return { me: me.data!, meta: meta.data! };
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return toSignIn();
    throw error;
  }
}

function Signed() {
  // Once: what is asked again after each write is asked where it is shown.
  const begun = useQuery({ queryKey: ["begin"], queryFn: async () => (await begin()) ?? null, staleTime: "static" });
  const { hasEnded } = useSessionState();
  if (begun.error) return <ErrorPage error={begun.error} onRetry={() => void begun.refetch()} />;
  if (!begun.data) return null;
  return (
    <WhoProvider value={begun.data}>
      <StaleDialogProvider>
        <RouterProvider router={router} />
        {hasEnded && <SessionDialog />}
      </StaleDialogProvider>
    </WhoProvider>
  );
}

export function Root() {
  const language = useLanguage();
  const isPhone = useIsPhone();
  return (
    <LanguageContext value={language}>
      <QueryClientProvider client={queryClient}>
        <ConfigProvider
          theme={isPhone ? phoneTheme : theme}
          locale={language === "en" ? enUS : zhCN}
          componentSize="middle"
          button={{ autoInsertSpace: false }}
        >
          <App message={{ maxCount: 3 }}>
            <Signed />
          </App>
        </ConfigProvider>
      </QueryClientProvider>
    </LanguageContext>
  );
}
