// Sets the chosen colors before anything is painted, so that a dark page never flashes white.
try {
  const theme = localStorage.getItem("caiu.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system's colors hold.
}
