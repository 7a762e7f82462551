# adds a race to every parallel loop: an element of rt_racy that all its iterations write
/#pragma omp parallel for/ { left = match($0, /collapse\([0-9]+\)/) ? substr($0, RSTART + 9) + 0 : 1 }
left > 0 && /^ *for \(/ && --left == 0 {
  brace = sub(/ *\{ *$/, "")
  $0 = $0 " if (++rt_racy[" n++ "]) " (brace ? "{" : "")
}
{ print }
END { print "/* seeded " n " */" > "/dev/stderr" }
