#!/bin/sh
# Every text of the sources has its Spanish: none missing, untranslated or fuzzy; placeholders are the same in both.
# Usage: catalogue_test.sh SOURCE_FOLDER WORK_FOLDER
set -eu
source=$1
work=$2
mkdir -p "$work"
cd "$source"
find client -name '*.cc' -o -name '*.h' -o -name '*.inc' | LC_ALL=C sort > "$work/files"
xgettext --language=C++ --from-code=UTF-8 --files-from="$work/files" --output="$work/texts.pot" --add-location=file \
  --keyword --keyword=Text:2 --keyword=Plural:2,3 --keyword=T:1 --keyword=ENLACE_TEXT:1 --keyword=ENLACE_TEXT_IN:1c,2
count=$(grep -c '^msgid ' "$work/texts.pot")
[ "$count" -gt 100 ] || { echo "only $count texts found: the extraction does not work"; exit 1; }
for po in client/texts/es/*.po; do
  LC_ALL=C.UTF-8 msgfmt --check-format -o /dev/null "$po"
done
LC_ALL=C.UTF-8 msgcat --use-first -o "$work/es.po" client/texts/es/*.po
# msgcmp names every text of the sources that es.po lacks, leaves empty or marks fuzzy.
if ! LC_ALL=C.UTF-8 msgcmp --no-fuzzy-matching "$work/es.po" "$work/texts.pot" 2> "$work/missing"; then
  # msgcmp gives lines of the template: show the text and the source file of each.
  sed -n 's/.*texts\.pot:\([0-9]*\):.*/\1/p' "$work/missing" > "$work/lines"
  awk 'NR == FNR { wanted[$1]; next } /^$/ { entry = "" } /^#:|^msgid|^msgctxt|^"/ { entry = entry "  " $0 }
       FNR in wanted { print entry }' "$work/lines" "$work/texts.pot"
  sed -n '$p' "$work/missing"
  exit 1
fi
# A placeholder in one language only would show as {name}, or lose its value.
LC_ALL=C.UTF-8 msgcat --no-wrap "$work/es.po" | awk '
  function placeholders(text,   out, list, n, i, j, t) {
    n = 0
    while (match(text, /\{[a-z_]+\}/)) { list[++n] = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH) }
    for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (list[j] < list[i]) { t = list[i]; list[i] = list[j]; list[j] = t }
    out = ""
    for (i = 1; i <= n; i++) if (i == 1 || list[i] != list[i - 1]) out = out list[i]
    return out
  }
  /^msgid_plural / { next }
  /^msgid / { id = $0; next }
  /^msgstr/ {
    if (id == "msgid \"\"") next
    if (placeholders(id) != placeholders($0)) { print "placeholders differ: " id " / " $0; bad = 1 }
  }
  END { exit bad }'
echo "$count texts, all of them in Spanish"
