//! Small words of the languages in Latin letters.

/// Languages in Latin letters: ours first, and last Arabic as it is typed in them. Words without accents, as they are folded.
pub(in crate::tag::lang) const LATIN: [(&str, &str); 16] = [
    (
        "en",
        "the a an and or but of to in on at by for from with about into over after before is are was were be been \
         being am has have had do does did dont doesnt didnt cant wont isnt arent wasnt werent havent hasnt hadnt \
         couldnt shouldnt wouldnt aint i im ive id ill we youre youve theyre thats whats its lets hes shes theres it \
         he she they you me him her us them my your his our their mine yours this that these those who what which \
         when where why how whos if as than then so because while not no yes just still again very really much many \
         more most some any every all anyone everyone someone anybody everybody somebody everything anything \
         something nothing nobody only also too even ever never always now here there today tomorrow yesterday \
         tonight can could will would should may might must get got getting go going gone want need know think see \
         look make take come good new one two out up off back same other another u ur r pls please thanks thank gonna \
         wanna gotta yeah yall lol omg lmao idk tbh like time people hours minutes stop let keep trying done first \
         last through until since without whole thing things down server servers website outage broken working works \
         loading slow service services phone messages text day days users login logged crashed crashing says dead \
         news week weeks old next own",
    ),
    (
        "pt",
        "o a os as um uma uns umas de do da dos das em no na nos nas num numa dum duma por pelo pela pelos pelas para \
         pra pro pras pros com sem sobre entre ate desde e ou mas que quem qual quais quando onde como porque pq se \
         nao sim ja mais menos muito muita muitos muitas mt mto pouco tudo todo toda todos todas nada algo alguem \
         ninguem algum alguma nenhum nenhuma outro outra outros outras mesmo mesma cada eu tu ele ela eles elas voce \
         voces vc vcs me te lhe lhes mim ti comigo meu minha meus minhas teu tua seu sua seus suas nosso nossa esse \
         essa esses essas este esta estes estas isso isto aquele aquela aquilo aqui ai ali la agora hoje hj ontem \
         amanha sempre nunca tambem tbm tb ainda so bem assim entao depois antes foi era eram ser sao sou somos estar \
         estou estao estava tava tavam ta to tou tamos tem tinha tenho temos teve tive ha havia vai vou vamos vao ir \
         ia fui fazer faz fez fiz feito fazendo dizer disse diz dizem pode podem posso poder quer quero queria sei \
         sabe saber ver vi viu vejo dar deu dou ficar fica ficou fico gente mano galera mds slk pqp aff ne pois hein \
         obrigado obrigada bom boa dia noite vez vezes coisa coisas tempo vida casa aos ao dela dele deles delas \
         neste nesta nesse nessa disso daqui nem cade kd oq dps qd qnd blz vlw msm ngm alguns algumas minuto minutos \
         meia pessoal ligar falar acho acha quase caiu voltou travou parou bugou funciona funcionando funcionar fora \
         ar rede sinal senha mensagem mensagens celular fila agua cidade deus fechou ligou cai cair pagina servico \
         sai vem veio vieram chegou chegando acabou acabei faltou deixa deixei deixou gosta gosto gostei amei poxa porra \
         medo vovo mae pai filho filha irmao saudade saudades odeio sono acordei dormindo trabalho escola aconteceu \
         ganhou perdeu jogou jogo assistir assistindo ouvindo vendo coitado menino menina moleque rapaz linda cara musica",
    ),
    (
        "es",
        "el la los las un una unos unas de del al a en por para con sin sobre entre hasta desde y o u pero mas que \
         quien quienes cual cuando donde como porque pq si no ya muy mucho mucha muchos muchas poco todo toda todos \
         todas nada algo alguien nadie algun alguna ningun otro otra otros otras mismo misma cada yo tu ella nosotros \
         ellos ellas usted ustedes me te se le les lo nos mi mis tus su sus mio ese esa eso esos esas este esta esto \
         estos estas aquel aqui ahi alli aca ahora hoy ayer manana siempre nunca tambien aun solo bien mal asi \
         entonces despues antes luego fue fueron era eran ser es son soy somos estar estoy estan estamos estaba tener \
         tiene tienen tengo tenia tenemos hay habia ha han he haber va voy vamos van ir hacer hace hago hizo hecho \
         haciendo decir dice dijo puede pueden puedo quiero quiere sabe saber ver veo dar dio dia dias vez veces cosa \
         cosas gente gracias jaja jajaja jajajaja buenos buenas bueno buena mejor menos pues porfa tan tanto nuestro \
         nuestra contigo conmigo ni eres fui sea cuenta quedo creo parece vida casa tiempo dos uno toca hola xq cayo \
         linda cara musica caido caida funciona funcionan red senal mensaje mensajes celular movil servicio ciudad \
         dios cerro pagina",
    ),
    (
        "fr",
        "le la les un une des de du au aux en dans sur sous par pour avec sans chez entre et ou mais donc ni car que \
         qui quoi dont quand comment pourquoi parce si ne pas plus moins tres trop peu beaucoup tout toute tous \
         toutes rien quelque personne autre autres meme je tu il elle on nous vous ils elles me te se lui leur leurs \
         y moi toi mon ma mes ton ta tes son sa ses notre nos votre vos ce cet cette ces ca cela ici maintenant \
         aujourdhui hier demain toujours jamais aussi encore bien mal alors apres avant est etait etaient sont suis \
         es sommes etes etre ai as a avons avez ont avoir avait eu fait faire fais dit dire peut peux pouvez veux \
         veut va vais vont aller voir vu sais sait cest jai nest quil quelle quon dun dune jsuis jpeux cetait jetais \
         mdr ptn bah ouais oui non merci bonjour salut depuis vraiment juste chose jour jours fois deja quel quels \
         quelles psk pk jvais lapplication lappli lheure quelquun sest setait ya nai jetait marche contre selon vers \
         faut etc lors ainsi panne fonctionne reseau message messages serveur serveurs telephone semaine",
    ),
    (
        "it",
        "il lo la i gli le un uno una di a da in con su per tra fra del dello della dei degli delle al allo alla ai \
         agli alle dal dalla dai nel nello nella nei nelle sul sulla e ed ma pero che chi cui quale quando dove come \
         perche se non piu meno molto molta molti poco tutto tutta tutti tutte niente nulla qualcosa qualcuno nessuno \
         altro altra altri stesso ogni io tu lui lei noi voi loro mi ti si ci vi ne me te mio mia miei tuo tua suo \
         sua nostro questo questa questi queste quello quella quelli qui qua ora adesso oggi ieri domani sempre mai \
         anche ancora solo bene male cosi allora poi dopo prima sono sei siamo siete era erano essere stato stata ho \
         hai ha abbiamo hanno avere fa fare fatto dire dice detto posso voglio vuole va vado so sa vedere cosa cose \
         anni anno giorno grazie ciao senza proprio gia quindi pure sta sto stai fino",
    ),
    (
        "ca",
        "el la els les un una uns unes de del dels a al als en per amb sense i pero que qui quan on com perque si no \
         ja mes molt molta molts tot tota tots totes res aixo aquest aquesta aquests aixi jo tu ell ella nosaltres em \
         et es ens us ho hi meu meva seu seva som son soc esta estan era ser fer fa ha han he hem tinc te ara avui \
         ahir dema sempre mai tambe encara ni pel pels fins sobre vull pot cal gracies bon bona dia anys any nou gent",
    ),
    (
        "de",
        "der die das den dem des ein eine einen einem einer und oder aber ist sind war waren bin bist sein hat habe haben \
         hatte ich du er sie es wir ihr mich dich mir dir uns euch mein meine dein ihre nicht kein keine auch noch nur schon \
         wieder mal ja nein doch so wie was wer wo wann warum wenn weil dass als zu zum zur im in am an auf aus bei mit \
         nach von vom vor fur uber um durch gegen ohne bis jetzt heute gestern morgen immer nie mehr sehr viel alle alles \
         man kann muss will wird werden wurde gibt geht gut danke hier da dann",
    ),
    (
        "nl",
        "de het een en of maar is zijn was waren ben heeft heb hebben had ik jij je hij zij ze wij we jullie mij me mijn \
         jouw haar ons onze dit dat deze die niet geen ook nog alleen al weer wel ja nee zo hoe wat wie waar wanneer waarom \
         als omdat dan te in op aan uit bij met na van voor over om door tegen zonder tot nu vandaag gisteren morgen altijd \
         nooit meer veel alle alles kan moet wil wordt worden gaat goed naar er heel even",
    ),
    (
        "tl",
        "ang ng mga sa na ay at ko mo niya namin natin nila ako ikaw ka siya kami tayo kayo sila si ni kay ito iyan \
         yan yun yung iyon ano sino bakit kailan saan paano hindi wala may mayroon meron pa ba lang naman din rin po \
         opo nga kasi kung kapag pag para pero dahil lahat talaga gusto sana dapat araw ngayon kahapon bukas",
    ),
    (
        "id",
        "yang dan di ke dari ini itu tidak tak nggak gak ga ngga aku saya kamu kau dia kita kami mereka ada apa siapa kenapa \
         mengapa kapan bagaimana gimana lagi juga sama bisa akan telah sudah udah belum banget sangat sekali untuk dengan \
         pada oleh karena kalau kalo jika tapi tetapi atau saja aja bukan jangan harus mau ingin orang hari nya lah deh sih \
         dong kok yg dgn utk tdk krn bgt pake para",
    ),
    (
        "tr",
        "ve bir bu su da de ki mi mu ne icin ile gibi kadar daha en cok az var yok degil ben sen biz siz onlar bana \
         sana bizim benim senin ama fakat cunku eger hic her sey simdi bugun dun yarin neden nasil niye kim oldu olan \
         olarak diye artik sonra once iyi",
    ),
    (
        "ro",
        "si sa nu este sunt a al ale ai cu de la pe in din pentru ca ce care cand cum unde mai foarte tot toate doar \
         sau dar daca eu tu el ea noi voi ei imi iti isi mi ti un unui unei acest aceasta asta are am au fost fi va",
    ),
    (
        "pl",
        "i w na z do nie to jest sie ze jak co ale za po od tak czy juz tylko bardzo dla przez mnie mi ty on ona my \
         wy ten ta tego tej jestem sa byl byla bedzie moze kiedy gdzie dlaczego kto ktos wszystko teraz dzisiaj",
    ),
    (
        "sv",
        "och att det som en pa ar av for med till den har inte om ett han hon jag du vi ni de var mig dig sig min mitt din \
         sin kan ska skulle vill men eller fran nu nar hur vad varfor ocksa bara mycket alla allt",
    ),
    (
        "hi",
        "hai hain hu hun hoon ho tha thi ka ki ke ko se me mein main par pe aur ya to toh bhi hi kya kyu kyun kyon kab kaha \
         kahan kaise kaun kon kuch koi sab yeh ye woh wo yaha vaha nahi nahin nhi mat na haan ji mera meri mere tera teri \
         tere hum humara hamara tum tumhara aap apna apne apni uska unka iska ek do abhi ab phir fir kal aaj roz bahut \
         bohot bhot zyada kam kar karo karna karke karte kiya kr rha raha rahi rahe gaya gayi gye gya hua hui hue hota hoti \
         hote jaa ja jao jata aata aaya diya dena lo le liya bhai yaar yr accha acha theek thik matlab sirf bas wala wale \
         wali log logo liye lekin agar jab tak saath chal raaha koyi krna hogya hogaya",
    ),
    // Of all regions; words with digits for letters need no list.
    (
        "ar",
        "el w ma ana mn kol msh mesh mish mush mosh mub moub bas bss kel wla wala shi shy shay chay fe fel bel bil lel \
         lil shu sho shou chou leh leih lesh leish laysh laish esh eish eih dah dol howa hwa heya hya huwa hiya ehna ihna \
         ento entu enta enti enty inta inti nta nti ntouma homa houma hona hena huna hnak hnaya hayda haida hayde hadchi \
         hadshi hatha hathi hadha haka hakka hek heik heyk keda kda kida kedah kidah wallah wallahi wlh wallahy walla \
         wella yalla yallah yaani yani inshallah nshallah mashallah hamdulillah hamdella alhamdulillah hamdollah rabena \
         rabbena rabbi yarab yarabb habibi habibti habiby khoya khouya khti ukhti akhoy shabab banat nass naas wahed \
         wahad wahda wahid kaman kamen kman bardo bardu brdo kteer ktir kteir kitir ketir awi awy khales khalis bzf bzzaf \
         bezzaf bezaf barcha yasser hwaya hwaye wayed wayid wajed marra katheer shwaya shwayya shway chwiya chwia shwayeh \
         lessa lesa lissa mazal mazel mazelt hallak delwaty dlwaty delwati daba dork derwek tawa tawwa elhin alheen alhin \
         hessa hassa elyom elyoum elnaharda alyom alyoum lyoum lyom naharda embareh mbareh mbarah embarah elbareh lbareh \
         ams imbarih bokra bukra bukrah ghodwa ghedwa sobh lyl leil layl yom youm yoom yomen yomein ayam zay zayy ezay \
         ezzay izzay ezai izay keef kifach kifash kifech shlon shlonkom shloun shnu shno shnou chno chnou chnowa chneya \
         shkun chkoun chkon meen wesh wash wach wech wein weyn wayn fein feen fain feyn emta imta imti waqtash waktach \
         lamma iza eza itha idha ashan alashan alach andi andy andak andna andkom indi indak endy endi maak maaya fih \
         feeh fiha feha fihom mafi mafeesh mafish mafesh mafich makaynch makayn kayn kayna makanch maku mako aku kanet \
         kont kunt kent konna kano kanu kanou sar saret sarli sarlo sayer sayra bisir bsir yseer ysir rah rayeh rayha \
         rayhin roht rohna ruht ruhna mshit mshina tany tani tanya thani thany ghir gheir ghair kullo kullu kolo kolha \
         kelo kella kelha kelna kelhom kolna kullna kolchi kulshi kulchi kolshi kullshy haga hagat baddi badde biddi bdi \
         badna ayez ayza ayzin awez awza abgha abghi bghit bghina nebghi nheb habit radi rady rathi rathy radya \
         yeshtaghal byeshtaghal byshtaghal bteshtaghal btishtighil bishtighil shaghal shaghala shaghel sheghal khdam \
         khedam kheddam khdama khaddama makhdamch mabghach mabghatch yekhdem tekhdem khalas khlas baraka kfaya kifaya \
         tayeb tayyeb taib tyb mashy mashi machi mzyan mezyan behi bahi zwin zwina tamam tmam kwayes kwayyes kwais mnih \
         mneeh mniha zain zein zeen helw helwa gamed gamda hadd mahad wahdi wahdy wahdak nafs nafsi nafso nafsy nfs \
         moshkela mushkila moshkila mochkil mouchkil mochkila mushkile shabaka chabaka shbaka kahraba kahrba mayet mayta \
         mayyet tayeh tayha waqif bytla btetla yefta tefta yban ybayen ybaan raddo rado yrod byrod byrodo yrodo yerod \
         shof shoof shuf shouf chouf choufo shofo shoft sheft shuft fahem fahma fahmeen fahim aref arfa arif araf maaraf \
         maarafsh adri madri nadri aadi ghalat ghalta anjad bgd begad bjd yerja yrja raja ragaa rega regaa rejaa byegi \
         byigi egat sawt sora sowar swar tswira rasayel rasael rsayel risala resayel tatbeeq barnamej bernameg hesab hsab \
         hsabi kelma raqm raqam raqmi nimra khat khatt flous floos floosy flousi felous masari masary fulus drahem baqa \
         baqet bayez khirib khirban kharban kharbana khasran tafi mtfi wagef wagif mwagef mgta mgata magtoua maqtoua \
         mektoua yakhi yazlameh zalame zalameh yasta yesta basha maalesh maalish sahbi sahby sahbo sidi lalla khalti ammi \
         ommi ummi abouya ubuy babati ukhoy wlad welad banati walad bent bint rajel ragel shakhs nshuf nshouf nchouf \
         nshof netfarraj nitfarraj atfarraj netfarag akalem akallem kalemt kallamt kalemony ygool ygoul biqulu galo galou \
         qali alo qalo goltlo gultli oltelo eltelo zaman dayman dayma daiman abadan aslan asln kamel kamla tawila kbir \
         kbira kebir kebira sghir saghir jdid jdida gdid gdida bidun bdoun bdun bela bla ghadi ghada ndir ndiro dirou \
         diri kaydir kaydiro katdir kaydar kanhder kanhdar kanstenna kantsenna nestanna nestana bastanna mestany mestanya \
         mestanni mestani ntsenna nsenna astanna tsannit jarrab jarabt garrabt garabt jerrabt jarebt hawel hawelt rabna \
         yrham yerham yehdi yihdi allah ya",
    ),
];

/// Words whose accents tell more than their letters do, in lower case, by a code of [`LATIN`].
pub(in crate::tag::lang) const ACCENTED: [(&str, &str); 6] = [
    (
        "pt",
        "é à às há já só nós até você vocês está estão não são então também porém alguém ninguém além três aí lá cá pé mês \
         água será vê dá cadê tá tô né ué pô vão mãe irmã irmão manhã amanhã avó avô sério ônibus horário número página \
         série rápido fácil difícil possível história",
    ),
    (
        "es",
        "él tú sí qué más también está están así aquí ahí allí después según mí sólo día días cómo cuándo dónde quién cuál \
         será mañana año años acá aún número página rápido fácil difícil línea teléfono todavía además algún ningún \
         perdón música vídeo estás estén sé dé té cuánto adiós",
    ),
    (
        "fr",
        "à où là ça été très même après déjà être voilà près élève problème réseau bientôt plutôt côté était étaient êtes \
         idée année journée soirée téléphone père mère frère dès tôt août",
    ),
    ("it", "è perché più già può né così però c'è città perciò sì là giù qualità verità"),
    ("ca", "això però què també més és són català així només perquè"),
    ("tr", "çok için değil şimdi bugün dün şey nasıl artık"),
];
