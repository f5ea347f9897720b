' Talking to the hub on this machine. The only module that knows files, HTTP and the operating system.
' Windows: WinHTTP. macOS: a script of ours that Excel may run outside its sandbox. Elsewhere: curl.
Option Explicit

Private Const SECONDS As Long = 30

' The hub's answer to one request. `status` is the HTTP status, 0 where no hub could be reached.
Public Function BmAsk(ByVal verb As String, ByVal path As String, ByVal body As String, ByRef status As Long) As String
    Dim system As String
    status = 0
    On Error GoTo Unreachable
    system = Application.OperatingSystem
    If InStr(system, "Windows") > 0 Then
        BmAsk = BmAskWindows(verb, path, body, status)
    ElseIf InStr(system, "Mac") > 0 Then
        BmAsk = BmAskMac(verb, path, body, status)
    Else
        BmAsk = BmAskCurl(verb, path, body, status)
    End If
    Exit Function
Unreachable:
    status = 0
    BmAsk = ""
End Function

' The note the hub leaves for programs of this user: address and token. Nothing where there is none.
Private Function BmNote() As Object
    Dim bytes() As Byte, place As String
    Set BmNote = Nothing
    place = BmNoteFolder() & "hub.json"
    If Dir(place) = "" Then Exit Function
    If Not BmReadFile(place, bytes) Then Exit Function
    Set BmNote = BmJsonRead(BmFromUtf8(bytes, UBound(bytes) - LBound(bytes) + 1))
End Function

Private Function BmNoteFolder() As String
    If Environ("USERPROFILE") <> "" Then
        BmNoteFolder = Environ("USERPROFILE") & "\.biaomao\"
    Else
        BmNoteFolder = Environ("HOME") & "/.biaomao/"
    End If
End Function

Private Function BmReadFile(ByVal place As String, ByRef bytes() As Byte) As Boolean
    Dim number As Integer, size As Long
    number = FreeFile
    Open place For Binary Access Read As #number
    size = LOF(number)
    If size > 0 Then
        ReDim bytes(0 To size - 1)
        Get #number, , bytes
    End If
    Close #number
    BmReadFile = (size > 0)
End Function

Private Sub BmWriteFile(ByVal place As String, ByVal ascii As String)
    Dim number As Integer
    number = FreeFile
    Open place For Output As #number
    Print #number, ascii
    Close #number
End Sub

Private Function BmAskWindows(ByVal verb As String, ByVal path As String, ByVal body As String, ByRef status As Long) As String
    Dim note As Object, http As Object, held As Variant, bytes() As Byte
    Set note = BmNote()
    If note Is Nothing Then Exit Function
    Set http = CreateObject("WinHttp.WinHttpRequest.5.1")
    http.SetProxy 1
    http.SetTimeouts 2000, 2000, SECONDS * 1000, SECONDS * 1000
    http.Open verb, BmTextOf(note, "url") & path, False
    http.SetRequestHeader "Authorization", "Bearer " & BmTextOf(note, "token")
    http.SetRequestHeader "Content-Type", "application/json"
    http.Send body
    status = http.Status
    held = http.ResponseBody
    If Not IsArray(held) Then Exit Function
    bytes = held
    BmAskWindows = BmFromUtf8(bytes, UBound(bytes) - LBound(bytes) + 1)
End Function

Private Function BmAskMac(ByVal verb As String, ByVal path As String, ByVal body As String, ByRef status As Long) As String
    Dim shown As String, bytes() As Byte, i As Long, cut As Long
#If Mac Then
    shown = AppleScriptTask("biaomao.applescript", "bmHub", verb & vbLf & path & vbLf & body)
#End If
    If Len(shown) < 2 Then Exit Function
    ReDim bytes(0 To Len(shown) \ 2 - 1)
    For i = 0 To UBound(bytes)
        bytes(i) = CLng("&H" & Mid(shown, 2 * i + 1, 2))
    Next i
    shown = BmFromUtf8(bytes, UBound(bytes) + 1)
    cut = InStrRev(shown, vbLf)
    status = CLng(Val(Mid(shown, cut + 1)))
    If cut > 1 Then BmAskMac = Left(shown, cut - 1)
End Function

' Through curl: everything secret stands in files inside the note's folder, which is closed to others.
Private Function BmAskCurl(ByVal verb As String, ByVal path As String, ByVal body As String, ByRef status As Long) As String
    Dim note As Object, stem As String, bytes() As Byte, shown As String, cut As Long
    Set note = BmNote()
    If note Is Nothing Then Exit Function
    Randomize
    stem = BmNoteFolder() & "call-" & CLng(Rnd() * 1000000000)
    BmWriteFile stem & ".in", body
    BmWriteFile stem & ".conf", BmCurlConfig(note, verb, path, stem)
    BmShell "curl", "--config """ & stem & ".conf"""
    If Dir(stem & ".out") <> "" Then
        If BmReadFile(stem & ".out", bytes) Then shown = BmFromUtf8(bytes, UBound(bytes) + 1)
    End If
    BmRemove stem & ".in"
    BmRemove stem & ".conf"
    BmRemove stem & ".out"
    cut = InStr(shown, vbCrLf & vbCrLf)
    If cut = 0 Then Exit Function
    status = CLng(Val(Mid(shown, InStr(shown, " ") + 1, 3)))
    BmAskCurl = Mid(shown, cut + 4)
End Function

Private Function BmCurlConfig(ByVal note As Object, ByVal verb As String, ByVal path As String, ByVal stem As String) As String
    Dim lines As String
    lines = "url = """ & BmTextOf(note, "url") & path & """" & vbLf & _
        "header = ""Authorization: Bearer " & BmTextOf(note, "token") & """" & vbLf & _
        "header = ""Content-Type: application/json""" & vbLf & "header = ""Expect:""" & vbLf & _
        "output = """ & stem & ".out""" & vbLf & "noproxy = ""*""" & vbLf & "max-time = " & SECONDS & vbLf & _
        "connect-timeout = 2" & vbLf & "silent" & vbLf & "include" & vbLf
    If verb = "POST" Then lines = lines & "data-binary = ""@" & stem & ".in""" & vbLf
    BmCurlConfig = lines
End Function

Private Sub BmShell(ByVal program As String, ByVal words As String)
#If LibreOffice Then
    Shell program, 0, words, True
#End If
End Sub

Private Sub BmRemove(ByVal place As String)
    If Dir(place) <> "" Then Kill place
End Sub
