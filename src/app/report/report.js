// Play, pause and a slider for the figures whose pictures CSS moves; without it they just play.
for (const figure of document.querySelectorAll("figure.motion")) {
  const animations = figure.getAnimations({ subtree: true });
  if (animations.length === 0) continue;
  const duration = animations[0].effect.getComputedTiming().duration;
  const button = document.createElement("button");
  const slider = document.createElement("input");
  slider.type = "range";
  slider.max = duration;
  slider.step = duration / 1000;
  slider.setAttribute("aria-label", "time in the episode");
  const controls = document.createElement("div");
  controls.className = "controls";
  controls.append(button, slider);
  figure.append(controls);

  let playing = animations[0].playState === "running";
  const go = (on) => {
    playing = on;
    button.textContent = on ? "Pause" : "Play";
    for (const animation of animations) on ? animation.play() : animation.pause();
  };
  button.addEventListener("click", () => go(!playing));
  slider.addEventListener("input", () => {
    go(false);
    for (const animation of animations) animation.currentTime = Number(slider.value);
  });
  const follow = () => {
    if (playing) slider.value = animations[0].currentTime % duration;
    requestAnimationFrame(follow);
  };
  go(playing);
  follow();
}
